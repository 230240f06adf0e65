"""Every step from an older schema to the present one, for alembic."""
