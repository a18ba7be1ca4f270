"""Moving in and out: tables of members, balances and orders in files, CSV or XLSX."""
