"""`jifen bench`: how fast this machine runs Jifen, as ratios to what the same machine's database does without it.

`ground` opens servers of its own, `template` and `data` fill a database as if members had lived in it, `baseline` lets pgbench
write the same rows statement by statement, `children` are the processes that load or are loaded, `rows/` holds one measure a
file, `report` says what came of it.
"""
