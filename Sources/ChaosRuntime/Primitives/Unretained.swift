/// A reference that counts nothing, to an object that something else keeps alive for longer than it is used.
///
/// The compiler counts a reference around every call on an object that it read from an optional or a variable; at a
/// scheduling point that was a tenth of a whole session.
struct Unretained<Object: AnyObject>: BitwiseCopyable, Equatable {
  private let reference: Unmanaged<Object>

  init(_ object: Object) { reference = .passUnretained(object) }

  /// The object, counted.
  var counted: Object { reference.takeUnretainedValue() }

  /// Lends the object to `body`, uncounted.
  @inline(__always) func look<R>(_ body: (Object) -> R) -> R { reference._withUnsafeGuaranteedRef(body) }

  @inline(__always) static func == (a: Self, b: Self) -> Bool { a.reference.toOpaque() == b.reference.toOpaque() }
}

/// A thread in a list of the scheduler; the world keeps it alive until the run is over.
typealias ThreadReference = Unretained<SimThread>

extension ThreadReference {
  var thread: SimThread { counted }
}
