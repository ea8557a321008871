"""What `neuroloom run` does with --devices and --hosts."""

from __future__ import annotations

from typing import Any

HELP = """Simulate a document and print the rate of each population.

On several machines, start the same command on each, with the same document: \
neuroloom run net.loom.json --hosts node0:12321,node1,node2

The first name coordinates; its port (12321 if left out) has to be free. A machine \
finds its place in the list by its address, or is told by --host-id. Under Slurm or \
Open MPI, --hosts auto takes both from the launcher. --devices counts those of each \
host: its GPUs, or parts of its processors. The first host prints and writes. The \
spikes are the same on any number of hosts and devices. Every host draws one projection \
after the other, and keeps what ends on its neurons."""


def may_be_first(hosts: str | None, host_id: int | None) -> bool:
    """Tell whether this host prints and writes, or only a launcher knows."""
    if hosts is None:
        return True
    from engine.run import number_of_host

    return not number_of_host(hosts, host_id)


def wanted_devices(devices: int | None, hosts: str | None, host_id: int | None) -> Any:
    """Return the devices that are wanted; None if nobody said so."""
    if devices is None and hosts is None:
        return None
    from engine.run import join_hosts, want_devices

    if hosts is not None:
        return join_hosts(hosts, host_id, devices)
    want_devices(devices)
    return devices


def is_first(devices: Any) -> bool:
    """Tell whether this process is the first of those that share the devices."""
    if devices is None:
        return True
    import jax

    return jax.process_index() == 0
