"""`jifen bench`: how fast this machine runs Jifen, as ratios to what the same machine's database does without it.

`ground` runs the servers of a measurement, `template` and `data` fill a database with members who have a history, `baseline` lets
pgbench write the same rows statement by statement, `child` starts the processes that produce or take a load, `rows/` has one
measure per file, and `report` writes the results.
"""
