// swift-tools-version: 6.2
import PackageDescription

// One line a room: its name, its wing, what it may import. The compiler holds these arrows
// (`--explicit-target-dependency-import-check error` in the Makefile); Docs/Rooms.md says why.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func room(_ name: String, _ wing: String, _ imports: [Target.Dependency] = [], holding files: [Resource] = []) -> Target {
    .target(name: name, dependencies: imports, path: "Sources/\(wing)/\(name)", resources: files, swiftSettings: settings)
}

func program(_ name: String, _ imports: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: imports, path: "Sources/Programs/\(name)", swiftSettings: settings)
}

func tests(_ name: String, _ imports: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: imports, path: "Tests/\(name)", swiftSettings: settings)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let jwt: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioExtras: Target.Dependency = .product(name: "NIOExtras", package: "swift-nio-extras")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "cps-agent",
    platforms: [.macOS(.v15)],
    products: [
        // For servers written in Swift that take the agent's tokens, and for applications beside the agent; all else here is for the
        // programs alone.
        .library(name: "CPSTokenVerifier", targets: ["CPSTokenVerifier"]),
        .library(name: "AgentClient", targets: ["AgentClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.36.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Base
        room("Primitives", "Base"),
        .target(name: "Platform", path: "Sources/Base/Platform"),
        .target(name: "Logind", path: "Sources/Base/Logind", linkerSettings: [.linkedLibrary("systemd")]),
        room("Processes", "Base", ["Platform", "Primitives"]),
        .systemLibrary(name: "COpenSSL", path: "Sources/Base/COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        room("OpenSSL", "Base", ["COpenSSL"]),
        .systemLibrary(
            name: "CQREncode", path: "Sources/Base/CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        room("QRCodes", "Base", ["CQREncode"]),
        room("KeyFiles", "Base", ["Primitives", crypto]),
        room("ConfigurationFile", "Base", ["Primitives", crypto, yams]),
        room("Systemd", "Base", ["Primitives", log]),
        // Card
        room("SmartCard", "Card", ["Primitives"]),
        .systemLibrary(name: "CPCSC", path: "Sources/Card/CPCSC", pkgConfig: "libpcsclite", providers: [.apt(["libpcsclite-dev"])]),
        room("CardDrivers", "Card", ["Primitives", "SmartCard"]),
        room("PCSC", "Card", ["CPCSC", "Platform", "Primitives", "SmartCard"]),
        room("VirtualCard", "Card", ["OpenSSL", "Primitives", "SmartCard"]),
        // Trust
        room("PKI", "Trust", ["OpenSSL", "Primitives", asn1]),
        room("Revocation", "Trust", ["OpenSSL", "PKI", "Primitives"]),
        room("Fetching", "Trust", ["Primitives", "Revocation", "Signatures", asyncHTTPClient, nio, nioHTTP1]),
        room("Identity", "Trust", ["PKI", "Primitives", asn1]),
        room(
            "Habilitation", "Trust", ["ConfigurationFile", "Primitives", crypto], holding: [.embedInCode("habilitations.yaml")]),
        room("Directory", "Trust", ["Identity", "Primitives"]),
        room("Signatures", "Trust", ["OpenSSL", "PKI", "Primitives", asn1]),
        room("JOSE", "Trust", ["Primitives", crypto, cryptoExtras]),
        room("CPSTokenVerifier", "Trust", ["JOSE", "Primitives"]),
        room("Tokens", "Trust", ["JOSE", "KeyFiles", "Primitives", crypto, jwt]),
        .systemLibrary(name: "CArgon2", path: "Sources/Trust/CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(
            name: "CPWQuality", path: "Sources/Trust/CPWQuality", pkgConfig: "pwquality", providers: [.apt(["libpwquality-dev"])]),
        room("DegradedMode", "Trust", ["CArgon2", "CPWQuality", "Identity", "KeyFiles", "Primitives"]),
        room("TestPKI", "Trust", ["OpenSSL", "Primitives"]),
        // Record
        room("Audit", "Record", ["Primitives", crypto]),
        room("AuditForms", "Record", ["Audit", "Primitives"]),
        room("Handover", "Record", ["Audit", "AuditForms", "Primitives"]),
        room(
            "Store", "Record",
            ["Audit", "Directory", "Handover", "Identity", "KeyFiles", "OpenSSL", "Primitives", "Sessions", "Witness", grdb]),
        room(
            "Forwarding", "Record",
            ["Audit", "AuditForms", "Handover", "Platform", "Primitives", "Processes", asyncHTTPClient, nio, nioHTTP1, nioPosix, nioSSL]),
        // Agent
        room("Sessions", "Agent", ["Audit", "ConfigurationFile", "Habilitation", "Identity", "Primitives", "Tokens"]),
        room("Accounts", "Agent", ["Audit", "DegradedMode", "Habilitation", "Identity", "Primitives", "Sessions"]),
        room("BreakGlass", "Agent", ["Audit", "Habilitation", "Identity", "Primitives", "Sessions"]),
        room("Workstation", "Agent", ["Identity", "Primitives", "Sessions"]),
        room("Vitals", "Agent", ["Primitives", "Sessions"]),
        room("Witness", "Agent", ["Audit", "Primitives", "Sessions", "Signatures"]),
        room(
            "LoginFlow", "Agent",
            [
                "Audit", "CardDrivers", "Habilitation", "Identity", "PKI", "Primitives", "Revocation", "Sessions", "Signatures",
                "SmartCard", "Tokens", "Workstation",
            ]),
        room("DegradedLogin", "Agent", ["Accounts", "Audit", "DegradedMode", "Identity", "Primitives", "Sessions", "Workstation"]),
        room(
            "MobileSessions", "Agent",
            ["Audit", "Habilitation", "Identity", "KeyFiles", "LoginFlow", "Primitives", "Sessions", "Tokens", crypto]),
        // Doors
        room("APIContract", "Doors", ["Primitives"]),
        room("HTTPServing", "Doors", ["Primitives", hummingbirdCore, lifecycle, log, nio, nioExtras, nioHTTPTypes, nioPosix]),
        room(
            "LocalAPI", "Doors",
            [
                "APIContract", "Accounts", "Audit", "BreakGlass", "DegradedLogin", "HTTPServing", "Habilitation", "Identity", "LoginFlow",
                "MobileSessions", "Platform", "Primitives",
                "Sessions", "Tokens",
                "Witness", "Workstation", crypto, httpTypes, hummingbird, hummingbirdCore, lifecycle, log, nio, nioHTTP1, nioHTTPTypes,
                nioPosix,
            ]),
        room(
            "MobileAPI", "Doors",
            [
                "HTTPServing", "Habilitation", "JOSE", "MobileSessions", "Primitives", "Sessions", crypto, httpTypes, hummingbirdCore,
                lifecycle,
                log, nio, nioHTTP1, nioHTTPTypesHTTP1, nioSSL,
            ]),
        room(
            "MetricsAPI", "Doors",
            ["Audit", "HTTPServing", "Primitives", "Vitals", httpTypes, hummingbirdCore, lifecycle, log, nio, nioHTTPTypes]),
        room("AgentClient", "Doors", ["APIContract", "Platform", "Primitives"]),
        room(
            "Commands", "Doors",
            [
                "APIContract", "AgentClient", "Audit", "AuditForms", "ConfigurationFile", "Habilitation", "Identity", "PKI", "Platform",
                "Primitives",
                "QRCodes", "Revocation", "Signatures", argumentParser, crypto,
            ]),
        // Programs
        program(
            "cps-agentd",
            [
                "Accounts", "Audit", "BreakGlass", "ConfigurationFile", "DegradedLogin", "DegradedMode", "Fetching", "Forwarding",
                "HTTPServing", "Handover",
                "Habilitation", "KeyFiles", "LocalAPI",
                "LoginFlow", "Logind", "MetricsAPI", "MobileAPI", "MobileSessions", "PCSC", "PKI",
                "Platform", "Primitives", "Processes",
                "Revocation",
                "Sessions", "Signatures", "SmartCard", "Store", "Systemd", "Tokens", "Vitals", "Witness", "Workstation", argumentParser,
                lifecycle, log,
                unixSignals,
            ]),
        program("cpsctl", ["Commands"]),
        program("cps-card", ["Primitives", "TestPKI", "VirtualCard", argumentParser]),
        // Tests
        .target(
            name: "ScriptedAgent", dependencies: ["APIContract", "AgentClient", "Primitives"], path: "Tests/ScriptedAgent",
            swiftSettings: settings),
        .target(
            name: "TestSupport",
            dependencies: [
                "Audit", "CardDrivers", "Habilitation", "Identity", "LoginFlow", "OpenSSL", "PKI", "Primitives", "Revocation", "Sessions",
                "SmartCard", "TestPKI", "Tokens", "VirtualCard", "Workstation", crypto, cryptoExtras,
            ], path: "Tests/TestSupport", swiftSettings: settings),
        .executableTarget(
            name: "trace-bench", dependencies: ["Audit", "Primitives", "Store", grdb], path: "Tests/TraceBench", swiftSettings: settings),
        .executableTarget(
            name: "example-resource-server",
            dependencies: ["CPSTokenVerifier", asyncHTTPClient, httpTypes, hummingbird, nio, nioHTTP1], path: "Docs/examples/swift",
            swiftSettings: settings),
        // Without `package` access: it sees what another package would.
        .executableTarget(
            name: "example-client", dependencies: ["AgentClient"], path: "Docs/examples/client-swift", packageAccess: false,
            swiftSettings: settings),
        .target(name: "OpenSSLCommand", path: "Tests/OpenSSLCommand", swiftSettings: settings),
        .target(name: "DatagramListening", path: "Tests/DatagramListening", swiftSettings: settings),
        tests(
            "AccountsTests",
            ["Accounts", "Audit", "DegradedMode", "Habilitation", "Identity", "Primitives", "Sessions", "TestSupport", "Tokens"]),
        tests("APIContractTests", ["APIContract", "Primitives"]),
        tests("AgentClientTests", ["APIContract", "AgentClient", "Primitives", "ScriptedAgent"]),
        tests("AuditTests", ["Audit", "Primitives"]),
        tests("AuditFormsTests", ["Audit", "AuditForms", "Primitives"]),
        tests(
            "BreakGlassTests", ["Audit", "BreakGlass", "Habilitation", "Primitives", "Sessions", "TestSupport", "Tokens"]),
        tests("CardDriversTests", ["CardDrivers", "OpenSSL", "Primitives", "SmartCard", "TestSupport", "VirtualCard"]),
        tests("CommandsTests", ["APIContract", "AgentClient", "Audit", "Commands", "OpenSSLCommand", "Primitives", "ScriptedAgent"]),
        tests("ConfigurationFileTests", ["ConfigurationFile", "Primitives"]),
        tests(
            "DegradedLoginTests",
            [
                "Audit", "ConfigurationFile", "DegradedLogin", "Habilitation", "Identity", "Primitives", "Sessions", "TestSupport",
                "Tokens", "Workstation",
            ]),
        tests("CPSTokenVerifierTests", ["CPSTokenVerifier", "Primitives", "TestSupport", "Tokens", crypto]),
        tests("DegradedModeTests", ["DegradedMode", "Identity", "KeyFiles", "Primitives", "TestSupport"]),
        tests("DirectoryTests", ["Directory", "Identity", "Primitives"]),
        tests("ForwardingTests", ["Audit", "AuditForms", "Handover", "Forwarding", "Primitives", nio, nioPosix, nioSSL, "OpenSSLCommand"]),
        tests("HandoverTests", ["Audit", "AuditForms", "Handover", "Primitives"]),
        tests("HabilitationTests", ["ConfigurationFile", "Habilitation", "Primitives"]),
        tests("HTTPServingTests", ["HTTPServing"]),
        tests("MetricsAPITests", ["Audit", "HTTPServing", "MetricsAPI", "Primitives", "TestSupport", "Vitals", log]),
        tests("IdentityTests", ["Identity", "OpenSSLCommand", "PKI", "Primitives"]),
        tests("KeyFilesTests", ["KeyFiles", "Primitives"]),
        tests("JOSETests", ["JOSE", "Primitives", "TestSupport", crypto, cryptoExtras]),
        tests(
            "LocalAPITests",
            [
                "Accounts", "Audit", "BreakGlass", "DegradedLogin", "DegradedMode", "HTTPServing", "Habilitation", "LocalAPI", "LoginFlow",
                "MobileSessions",
                "Platform", "Primitives",
                "Revocation",
                "Sessions", "TestSupport", "Tokens", "Workstation", crypto, log,
            ]),
        tests(
            "LoginFlowTests",
            [
                "Audit", "CardDrivers", "Habilitation", "Identity", "LoginFlow", "OpenSSL", "PKI", "Primitives", "Revocation", "Sessions",
                "SmartCard", "TestPKI", "TestSupport", "Tokens", "VirtualCard", "Workstation",
            ]),
        tests(
            "MobileAPITests",
            [
                "HTTPServing", "Habilitation", "JOSE", "MobileAPI", "MobileSessions", "OpenSSLCommand", "Primitives", "Sessions",
                "TestSupport", crypto,
                log, nio,
                nioPosix, nioSSL,
            ]),
        tests(
            "MobileSessionsTests",
            [
                "Audit", "Habilitation", "Identity", "KeyFiles", "LoginFlow", "MobileSessions", "PKI", "Primitives", "Sessions",
                "SmartCard",
                "TestSupport",
                "Tokens", "VirtualCard",
            ]),
        tests("PCSCTests", ["PCSC", "Primitives", "SmartCard"]),
        tests("PKITests", ["OpenSSL", "OpenSSLCommand", "PKI", "Primitives"]),
        tests("PrimitivesTests", ["DatagramListening", "Primitives"]),
        tests("QRCodesTests", ["Primitives", "QRCodes"]),
        tests("RevocationTests", ["OpenSSL", "OpenSSLCommand", "PKI", "Primitives", "Revocation", "TestPKI"]),
        tests(
            "SessionsTests",
            [
                "Audit", "Habilitation", "Identity", "PKI", "Primitives", "Sessions", "TestPKI", "TestSupport", "Tokens",
            ]),
        tests("SignaturesTests", ["OpenSSL", "OpenSSLCommand", "PKI", "Primitives", "Signatures", "TestPKI", "TestSupport"]),
        tests("SmartCardTests", ["Primitives", "SmartCard"]),
        tests(
            "StoreTests",
            ["Audit", "Handover", "Identity", "KeyFiles", "Primitives", "Sessions", "Store", "TestSupport", "Witness", crypto, grdb]),
        tests("SystemdTests", ["DatagramListening", "Primitives", "Systemd", log]),
        tests("TestPKITests", ["OpenSSL", "Primitives", "SmartCard", "TestPKI"]),
        tests("TokensTests", ["KeyFiles", "Primitives", "Tokens", crypto]),
        tests("WorkstationTests", ["Identity", "Primitives", "Sessions", "TestSupport", "Workstation"]),
        tests("ProcessesTests", ["Processes"]),
        tests("VitalsTests", ["Primitives", "TestSupport", "Vitals"]),
        tests("WitnessTests", ["Audit", "Primitives", "Sessions", "TestSupport", "Witness"]),
        tests("VirtualCardTests", ["OpenSSL", "Primitives", "SmartCard", "TestPKI", "VirtualCard"]),
    ]
)
