"""Operators: who runs the programme, what each role may do, and the deeds themselves, which check the role where they are done."""
