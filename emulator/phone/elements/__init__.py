"""Elements that the chat, the mini-program and the top bar are made of. They know no phone."""
