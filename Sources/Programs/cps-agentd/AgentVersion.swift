/// The version that `--version`, `status` and the trace of the start name.
enum AgentVersion {
    static let current = "0.1.0"
}
