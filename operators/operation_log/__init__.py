"""The operation log as operators read it: page by page, by their role, and in Chinese."""
