"""How people reach it: command line, HTTP service, chat page."""
