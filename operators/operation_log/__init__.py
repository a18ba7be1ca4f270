"""The operation log as operators read it: by their role, and in Chinese."""
