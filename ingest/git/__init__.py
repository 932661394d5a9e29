"""Git history: mirror opens a repository safely, log streams it, landing says when each commit reached the branch."""
