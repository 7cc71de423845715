"""Development scripts: from Asterisk's ARI definitions to the generated client, and the sync variant of the facade."""
