"""What an operator sees and the server does beside answering: logs, figures, health, jobs."""
