import Basics

/// The venue's word that it has an order; with `mexc` it says nothing about fills.
public struct OrderAck: Sendable, Hashable {
  /// The venue's name for the order.
  public var orderId: String
  /// The client's name, as the request had it.
  public var clientOrderId: String
  /// When the venue took the order; the answer arrives later.
  public var acceptedAt: Instant

  /// An acknowledgement as given.
  @inlinable
  public init(orderId: String, clientOrderId: String, acceptedAt: Instant) {
    self.orderId = orderId
    self.clientOrderId = clientOrderId
    self.acceptedAt = acceptedAt
  }
}
