"""What programs may call: HTTP, OpenAI's API, MCP."""
