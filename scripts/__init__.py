"""Development scripts: from Asterisk's ARI definitions to the generated client, and the sync colour of the facade."""
