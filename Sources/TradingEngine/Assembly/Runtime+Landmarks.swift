public import ChaosRuntime
public import Trading

extension Runtime {
  /// Notes that the run passed a place that proofs ask for.
  public func landmark(_ name: LandmarkName) { landmark(name.text) }
}
