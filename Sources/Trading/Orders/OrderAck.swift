import Basics

/// The venue's word that it has an order; with `mexc` it says nothing about fills.
public struct OrderAck: Sendable, Hashable {
  /// The venue's name for the order.
  public var orderId: String
  public var clientOrderId: String
  public var acceptedAt: Instant

  public init(orderId: String, clientOrderId: String, acceptedAt: Instant) {
    self.orderId = orderId
    self.clientOrderId = clientOrderId
    self.acceptedAt = acceptedAt
  }
}
