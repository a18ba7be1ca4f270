"""会员等级: levels reached by growth value or days of signing in, kept with their history, and reviewed from time to time."""
