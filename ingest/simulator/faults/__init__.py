"""What can go wrong at an exchange, on demand: scripted from Python (`exchange.faults`) or over HTTP (`/control/`)."""

from ingest.simulator.faults.calls import Faults
from ingest.simulator.faults.orders import FaultRefused

__all__ = ["FaultRefused", "Faults"]
