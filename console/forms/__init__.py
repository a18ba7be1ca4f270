"""Forms for the rules, made from the typed model: an item that is added to the model appears in them by itself.

`shapes` reads the model, `values` turns what people type into values and back, `form` holds the JSON value that a form changes, and
`draw` draws its groups and lists, with the fields of plain values from `leaves`.
"""
