// swift-tools-version: 6.2
import PackageDescription

/// Swift 6 language mode comes with the tools version; warnings are errors everywhere.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Every library has a test target of its name; they share `TestSupport`.
let tests: [Target] =
  [
    .target(
      name: "TestSupport", dependencies: ["Exploration", "FaultInjection", "Trading", "ChaosRuntime", "Basics"],
      path: "Tests/TestSupport",
      swiftSettings: strict)
  ]
  + [
    "Basics", "ChaosRuntime", "FaultInjection", "Watchdog", "ProcessWatch", "Exploration", "ClassicPrograms", "Proof",
    "Monitoring", "HTTP", "MetricsServer", "Trading", "WireClient", "FakeExchange", "ExchangeServer", "TradingEngine",
    "Checks",
    "HistoricalBugs", "PaperSession", "FieldReconciliation", "FieldReproduction", "BotRun",
  ].map { module in
    .testTarget(
      name: "\(module)Tests",
      dependencies: [.target(name: module), "TestSupport"] + (module == "Basics" ? [] : ["Basics"]),
      swiftSettings: strict)
  }
  + [.testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: strict)]
  + [.testTarget(name: "chaosTests", dependencies: ["TestSupport", "chaos"], swiftSettings: strict)]

/// The layers, bottom first: a target depends only on targets listed above it.
let package = Package(
  name: "chaos",
  products: [
    .executable(name: "chaos", targets: ["chaos"]),
    .library(name: "Basics", targets: ["Basics"]),
    .library(name: "ChaosRuntime", targets: ["ChaosRuntime"]),
    .library(name: "FaultInjection", targets: ["FaultInjection"]),
    .library(name: "Watchdog", targets: ["Watchdog"]),
    .library(name: "ProcessWatch", targets: ["ProcessWatch"]),
    // Preloaded into programs that 'chaos watch --pthread-locks' starts; nothing links it.
    .library(name: "ChaosLocks", type: .dynamic, targets: ["PthreadLocks"]),
    .library(name: "Exploration", targets: ["Exploration"]),
    .library(name: "ClassicPrograms", targets: ["ClassicPrograms"]),
    .library(name: "Proof", targets: ["Proof"]),
    .library(name: "Monitoring", targets: ["Monitoring"]),
    .library(name: "HTTP", targets: ["HTTP"]),
    .library(name: "MetricsServer", targets: ["MetricsServer"]),
    .library(name: "Trading", targets: ["Trading"]),
    .library(name: "WireClient", targets: ["WireClient"]),
    .library(name: "FakeExchange", targets: ["FakeExchange"]),
    .library(name: "ExchangeServer", targets: ["ExchangeServer"]),
    .library(name: "TradingEngine", targets: ["TradingEngine"]),
    .library(name: "Checks", targets: ["Checks"]),
  ],
  targets: [
    .target(name: "CPlatform", cSettings: [.define("_GNU_SOURCE")]),
    .target(name: "PthreadLocks", cSettings: [.define("_GNU_SOURCE")]),
    .target(name: "Basics", swiftSettings: strict),
    .target(name: "ChaosRuntime", dependencies: ["Basics", "CPlatform"], swiftSettings: strict),
    .target(name: "FaultInjection", dependencies: ["ChaosRuntime", "Basics"], swiftSettings: strict),
    .target(name: "Watchdog", dependencies: ["ChaosRuntime", "Basics", "CPlatform"], swiftSettings: strict),
    .target(
      name: "ProcessWatch", dependencies: ["Watchdog", "ChaosRuntime", "Basics", "CPlatform"],
      resources: [.embedInCode("bootstrap")], swiftSettings: strict),
    .target(
      name: "Exploration", dependencies: ["Watchdog", "FaultInjection", "ChaosRuntime", "Basics"], swiftSettings: strict
    ),
    .target(name: "ClassicPrograms", dependencies: ["Exploration", "ChaosRuntime", "Basics"], swiftSettings: strict),
    .target(
      name: "Proof", dependencies: ["Exploration", "Watchdog", "FaultInjection", "ChaosRuntime", "Basics"],
      swiftSettings: strict),
    .target(name: "Monitoring", dependencies: ["ChaosRuntime", "Basics"], swiftSettings: strict),
    .target(name: "HTTP", dependencies: ["CPlatform", "ChaosRuntime", "Basics"], swiftSettings: strict),
    .target(
      name: "MetricsServer", dependencies: ["HTTP", "Monitoring", "ChaosRuntime", "Basics"], swiftSettings: strict),
    .target(name: "Trading", dependencies: ["Basics"], swiftSettings: strict),
    .target(
      name: "WireClient", dependencies: ["HTTP", "Trading", "ChaosRuntime", "Basics"], swiftSettings: strict),
    .target(
      name: "FakeExchange", dependencies: ["FaultInjection", "Trading", "ChaosRuntime", "Basics"], swiftSettings: strict
    ),
    .target(
      name: "ExchangeServer",
      dependencies: ["HTTP", "FakeExchange", "FaultInjection", "Trading", "ChaosRuntime", "Basics"],
      swiftSettings: strict),
    .target(
      name: "TradingEngine", dependencies: ["Monitoring", "Trading", "ChaosRuntime", "Basics"], swiftSettings: strict),
    .target(name: "Checks", dependencies: ["Trading", "Basics"], swiftSettings: strict),
    .target(
      name: "HistoricalBugs",
      dependencies: ["Checks", "TradingEngine", "Monitoring", "Trading", "ChaosRuntime", "Basics"],
      swiftSettings: strict),
    .target(
      name: "PaperSession",
      dependencies: [
        "HistoricalBugs", "Checks", "TradingEngine", "FakeExchange", "Trading", "Monitoring", "Proof", "Exploration",
        "Watchdog", "FaultInjection", "ChaosRuntime", "Basics",
      ],
      resources: [.embedInCode("faults")], swiftSettings: strict),
    .target(
      name: "FieldReconciliation",
      dependencies: ["HistoricalBugs", "Checks", "Trading", "FaultInjection", "ChaosRuntime", "Basics"],
      swiftSettings: strict),
    .target(
      name: "FieldReproduction",
      dependencies: [
        "FieldReconciliation", "PaperSession", "HistoricalBugs", "Checks", "TradingEngine", "FakeExchange", "Trading",
        "Monitoring", "Proof",
        "Exploration", "Watchdog", "FaultInjection", "ChaosRuntime", "Basics",
      ], swiftSettings: strict),
    .target(
      name: "BotRun",
      dependencies: [
        "ExchangeServer", "HTTP", "Checks", "Proof", "FaultInjection", "Trading", "ChaosRuntime", "Basics",
      ], swiftSettings: strict),
    .executableTarget(
      name: "chaos",
      dependencies: [
        "BotRun", "FieldReproduction", "FieldReconciliation", "PaperSession", "HistoricalBugs", "Checks",
        "TradingEngine", "ExchangeServer",
        "FakeExchange", "WireClient", "Trading", "Monitoring", "HTTP", "MetricsServer", "Proof", "ClassicPrograms",
        "Exploration",
        "ProcessWatch", "Watchdog", "FaultInjection", "ChaosRuntime", "Basics",
      ], swiftSettings: strict),
  ] + tests
)
