"""Extensions of points: what they come to."""
