import APIContract
import Foundation
import Glibc
import Primitives

/// What support gets to see of a workstation: states, versions and choices, each by an allow-list, so that what is new is left out until
/// somebody lets it in. No names, numbers of persons or cards, addresses, traces, keys or tokens.
struct DoctorBundle {
    let machine: any Workstation
    let time: any TimeSource

    /// Checks whose words name nobody.
    private static let plain: Set<String> = [
        "clock", "disk", "driver", "hidepid", "pam", "pcsc", "polkit", "revocation", "trust", "units",
    ]
    /// Members of `status` that are kept, by their path.
    private static let members = [
        ["version"], ["health"], ["environment"], ["monitoring"], ["audit", "size"], ["audit", "unanchored_since"],
        ["audit", "reserve", "state"], ["audit", "reserve", "shares_file_system"], ["revocation", "status"], ["revocation", "as_of"],
        ["clock", "seconds_behind"], ["modes", "mobile"], ["modes", "degraded"], ["mobile", "certificate", "not_after"],
        ["break_glass", "active"], ["break_glass", "unreviewed"], ["cards", "after_use"], ["pam", "on_removal"], ["pam", "grace"],
    ]
    /// Keys of the configuration whose values are kept.
    private static let settings: Set<String> = [
        "agent.socket_mode", "agent.socket_group", "cards.after_use", "degraded.enabled", "log.level", "mobile.enabled", "pam.grace",
        "pam.least_uid", "pam.on_removal", "readers.seat", "sessions.inactivity", "sessions.max", "tokens.algorithm", "tokens.ttl",
    ]

    /// - Parameter status: of the agent; `nil` when it does not answer.
    func document(_ findings: [Finding], _ status: JSON?) -> JSON {
        [
            "time": .string(time.now().description),
            "checks": .array(findings.map { Self.redacted($0) }), "status": status.map { Self.redacted($0) } ?? .null,
            "system": system(), "configuration": .object(choices),
        ]
    }

    private var choices: [String: JSON] {
        WrittenSettings(machine).values.filter { Self.settings.contains($0.key) }.mapValues { .string($0) }
    }

    private static func redacted(_ finding: Finding) -> JSON {
        .members([
            "check": .string(finding.check), "ok": .bool(finding.remedy == nil), "code": finding.code.map { .string($0.rawValue) } ?? .null,
            "text": plain.contains(finding.check) && finding.code == nil ? .string(finding.text.english) : nil,
        ])
    }

    private static func redacted(_ status: JSON) -> JSON {
        var kept: [String: JSON] = [:]
        for path in members {
            var value: JSON? = status
            for name in path { value = value?[name] }
            guard let value else { continue }
            switch value {
            case .object, .array: break
            default: kept[path.joined(separator: ".")] = value
            }
        }
        kept["readers"] = .array(
            (status["readers"]?.array ?? []).map { reader in
                .members(["kind": reader["kind"], "keypad": reader["keypad"], "allowed": reader["allowed"], "card": reader["card"]])
            })
        return .object(kept)
    }

    private func system() -> JSON {
        let release = text("/etc/os-release")?.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        let units = ServiceExamination.hasSystemd(machine) ? output(ServiceExamination.question, lines: 16) : nil
        let facts: [String: String?] = [
            "kernel": text("/proc/sys/kernel/osrelease")?.split(separator: "\n").first.map { String($0) },
            "distribution": release.map { String($0.dropFirst(12)) }, "pcscd": output(["pcscd", "--version"]),
            "libccid": output(["dpkg-query", "--show", "--showformat=${Version}", "libccid"]), "units": units,
        ]
        return .object(facts.mapValues { $0.map(JSON.string) ?? .null })
    }

    private func text(_ path: String) -> String? {
        (try? machine.contents(path, limit: 262_144)).map { String(decoding: $0, as: UTF8.self) }
    }

    private func output(_ command: [String], lines: Int = 1) -> String? {
        guard case .ended(0, let bytes) = machine.run(command) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix(lines).joined(separator: "\n")
    }
}

/// Writes the archive: one JSON document in a tar file, for its owner alone to read.
struct BundleFile {
    let machine: any Workstation
    let path: String

    /// - Throws: why it could not be written; a file that is there already is left as it is.
    func write(_ document: JSON) throws(FileError) {
        var name = Array("/tmp/cps-doctor-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw FileError("/tmp") }
        let folder = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            unlink("\(folder)/doctor.json")
            rmdir(folder)
        }
        try PlainFile.create("\(folder)/doctor.json", document.canonical + [0x0A])
        try PlainFile.create(path, [])
        let command = [
            "tar", "--create", "--gzip", "--file", path, "--directory", folder, "--owner=0", "--group=0", "--", "doctor.json",
        ]
        guard case .ended(0, _) = machine.run(command) else {
            unlink(path)
            throw FileError(path, EIO)
        }
    }
}
