"""What prepares a server or a project: files of Asterisk for an app, a new project with its test, the embedded Asterisk."""
