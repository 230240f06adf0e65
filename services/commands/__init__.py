"""The commands beside the dashboard: `doctor`, `backup`, `restore`, `import`. None of them loads the web."""
