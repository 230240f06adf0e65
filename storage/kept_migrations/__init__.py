"""Every step from an older schema of what is kept to the present one, for alembic."""
