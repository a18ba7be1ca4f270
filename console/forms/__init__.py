"""Forms for the rules, made from the typed model: an item that is added to the model appears in them by itself.

`shapes` reads the model, `values` turns what people type into values and back, `draw` draws fields bound to a JSON value.
"""
