"""Many Asterisks and many workers, over NATS: `Gateway` runs beside each Asterisk, `ClusterARI` is the client of a worker.

It needs `pip install "asterisk-ari[cluster]"`, and a NATS server with JetStream. Asynchronous only.
"""

from asterisk_ari.cluster._core.placement import Node
from asterisk_ari.cluster.cluster_client import ClusterARI
from asterisk_ari.cluster.errors import NatsUnavailable
from asterisk_ari.cluster.gateway import Gateway
from asterisk_ari.cluster.node_client import NodeClient
from asterisk_ari.cluster.routed import ClusterRegistration

__all__ = ["ClusterARI", "ClusterRegistration", "Gateway", "NatsUnavailable", "Node", "NodeClient"]
