"""Operators: who runs the programme, what each role may do, and the deeds themselves, which check the role where they are done.

The files here are what every deed takes: the desk, with roles, sessions, the operation log and reasons. Each folder is a feature.
"""
