"""What alembic runs: the steps, on the connection and inside the transaction that storage/opening.py began."""

from __future__ import annotations

from alembic import context

from storage.alert_tables import alert_rules

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=alert_rules.metadata,  # every table of what is kept is in it
    render_as_batch=True,
)
context.run_migrations()
