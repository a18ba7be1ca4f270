"""期初积分: the points that members bring along from another system, one command per line of a file."""
