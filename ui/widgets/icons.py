"""The page's drawings, as inline SVG in the colour of the text around them."""

from __future__ import annotations

from html import escape

LOGO = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>'
    '<path d="M9 11.5h6M9 16h4.5M9 20.5h6M22.5 12.2a5 5 0 1 0 0 7.6"/></svg>'
)
FAVICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='8' fill='%23115e59'/%3E"
    "%3Cpath d='M9 11.5h6M9 16h4.5M9 20.5h6M22.5 12.2a5 5 0 1 0 0 7.6' fill='none' stroke='%23fff' "
    "stroke-width='2.4' stroke-linecap='round'/%3E%3C/svg%3E"
)
_PATHS = {
    "send": '<path d="M12 19V6M6 11l6-6 6 6"/>',
    "stop": '<rect x="7" y="7" width="10" height="10" rx="1.5"/>',
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "next": '<path d="M9 5l7 7-7 7"/>',
    "ask": '<path d="M5 5.5h14a1.5 1.5 0 0 1 1.5 1.5v8.5A1.5 1.5 0 0 1 19 17h-7l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5V7'
    'A1.5 1.5 0 0 1 5 5.5zM8 9.5h8M8 13h5"/>',
    "library": '<path d="M5 4.5h10.5A2.5 2.5 0 0 1 18 7v12.5H7.5A2.5 2.5 0 0 1 5 17zM5 17a2.5 2.5 0 0 1 2.5-2.5H18"/>',
    "concepts": '<circle cx="6.5" cy="7" r="2.5"/><circle cx="17.5" cy="8.5" r="2.5"/>'
    '<circle cx="11" cy="17.5" r="2.5"/>'
    '<path d="M9 7.4l6 .8M7.5 9.4l2.6 5.8M16.2 10.7l-3.7 4.8"/>',
    "evaluation": '<path d="M4.5 19.5h15M7 16v-4M12 16V6M17 16v-7"/>',
    "settings": '<path d="M4 7.5h8M17 7.5h3M4 16.5h3M12 16.5h8"/><circle cx="14.5" cy="7.5" r="2.3"/>'
    '<circle cx="9.5" cy="16.5" r="2.3"/>',
    "copy": '<rect x="9" y="9" width="10.5" height="10.5" rx="2"/><path d="M15 5.5H7A2.5 2.5 0 0 0 4.5 8v7"/>',
    "retry": '<path d="M19 12a7 7 0 1 1-2.2-5.1M19.2 4v4h-4"/>',
    "edit": '<path d="M5 19l.8-3.6L15.6 5.6a1.6 1.6 0 0 1 2.3 0l.5.5a1.6 1.6 0 0 1 0 2.3L8.6 18.2z"/>',
    "rate_up": '<path d="M4.5 11h3v8.5h-3zM7.5 11l3.5-6.5a2 2 0 0 1 2 2.2l-.4 2.8h4.9a1.8 1.8 0 0 1 1.8 2.2'
    'l-1.3 6a2 2 0 0 1-2 1.8H7.5"/>',
    "rate_down": '<path d="M4.5 13h3V4.5h-3zM7.5 13l3.5 6.5a2 2 0 0 0 2-2.2l-.4-2.8h4.9a1.8 1.8 0 0 0 '
    '1.8-2.2l-1.3-6a2 2 0 0 0-2-1.8H7.5"/>',
    "export": '<path d="M12 4v10.5M7.5 10.5L12 15l4.5-4.5M5 19.5h14"/>',
    "clear": '<path d="M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 11v5M13.5 11v5"/>',
    "add": '<path d="M12 5v14M5 12h14"/>',
    "search": '<circle cx="10.5" cy="10.5" r="5.5"/><path d="M15 15l4.5 4.5"/>',
    "language": '<circle cx="12" cy="12" r="8"/><path d="M4 12h16M12 4c5 5 5 11 0 16M12 4c-5 5-5 11 0 16"/>',
    "leave": '<path d="M10 4.5H5.5v15H10M13.5 8.5L17 12l-3.5 3.5M17 12H9.5"/>',
    "document": '<path d="M7 3.5h7L18.5 8v12.5H7zM14 3.5V8h4.5M10 12.5h5.5M10 16h5.5"/>',
}


def icon(name: str) -> str:
    """Return a drawing; what it stands for must be said beside it, since screen readers pass it over."""
    return f'<svg viewBox="0 0 24 24" aria-hidden="true">{_PATHS[name]}</svg>'


def icon_button(name: str, label: str, attributes: str = "") -> str:
    """Return a button of one drawing, named by `label`; `attributes` is HTML."""
    said = escape(label)
    return f'<button type="button" class="icon" aria-label="{said}" title="{said}" {attributes}>{icon(name)}</button>'
