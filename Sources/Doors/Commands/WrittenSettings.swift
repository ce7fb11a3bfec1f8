import Primitives

/// What the configuration of this machine says, as far as it is written in block style: sections at the margin, their keys below. Nothing is
/// checked, so that it can be looked at when it is wrong.
struct WrittenSettings {
    /// Values by section and key, `agent.state_dir`; none where the file cannot be read.
    let values: [String: String]

    static let path = "/etc/cps-agent/agent.yaml"
    private static let limit = 262_144

    init(_ machine: any Workstation) {
        var (section, found) = ("", [String: String]())
        let bytes = (try? machine.contents(Self.path, limit: Self.limit)) ?? []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.prefix { $0 != "#" }.split(separator: ":", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\"" } }
            guard let key = parts.first, !key.isEmpty else { continue }
            if line.first != " " {
                section = key
            } else if parts.count == 2 {
                found["\(section).\(key)"] = parts[1]
            }
        }
        values = found
    }

    /// Where the agent keeps its state.
    var stateFolder: String { values["agent.state_dir"] ?? "/var/lib/cps-agent" }
}
