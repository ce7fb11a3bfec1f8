package import Foundation
internal import Synchronization

/// Folders of fixtures that live as long as the process.
private let kept = Mutex<[URL]>([])
private let removesKeptAtExit: Int32 = atexit {
    for folder in kept.withLock({ $0 }) { try? FileManager.default.removeItem(at: folder) }
}

/// The `openssl` program in a scratch folder: makes the certificates of tests, so that none is kept in the repository and none is made
/// by the code under test.
package struct OpenSSLCommand: Sendable {
    package let folder: URL

    package struct Failed: Error {
        package let arguments: [String]
        package let output: String
    }

    /// - Parameter isKept: Whether the folder goes only when the process ends; else ``remove()`` does it.
    package init(isKept: Bool = false) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("cps-agent-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if isKept, removesKeptAtExit == 0 { kept.withLock { $0.append(folder) } }
    }

    package func remove() { try? FileManager.default.removeItem(at: folder) }

    package func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    package func write(_ text: String, to name: String) throws { try write(bytes: Array(text.utf8), to: name) }

    package func write(bytes: [UInt8], to name: String) throws {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    package func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }

    /// Runs `openssl` there; throws with its output when it fails.
    package func run(_ arguments: String...) throws { try run(arguments) }

    package func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(arguments: arguments, output: String(decoding: output, as: UTF8.self))
        }
    }

    /// A self-signed certificate in DER with a P-256 key. `subject` as for `req -subj`; `extensions` are lines of an extension section.
    package func selfSigned(subject: String, extensions: [String]) throws -> [UInt8] {
        let name = UUID().uuidString
        try write(
            """
            [req]
            distinguished_name = dn
            string_mask = utf8only
            [dn]
            [v3]
            \(extensions.joined(separator: "\n"))
            [policy]
            policyIdentifier = 1.2.250.1.213.1.7.2.1.1.1.1
            CPS.1 = "http://igc-sante.esante.gouv.fr/PC%20TEST"
            """, to: "\(name).cnf")
        try run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key", "-utf8", "-subj",
            subject, "-days", "30", "-config", "\(name).cnf", "-extensions", "v3", "-outform", "DER", "-out", "\(name).der")
        return try bytes("\(name).der")
    }
}
