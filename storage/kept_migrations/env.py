"""What alembic runs: the steps, on the connection and inside the transaction that storage/opening.py began."""

from __future__ import annotations

from alembic import context

from storage.kept_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
