import ConfigurationFile
import Foundation
import PKI
import Primitives
import Sessions

extension AgentConfiguration {
    /// Reads `agent.yaml` with what the environment replaces in it.
    init(file path: String) throws(ConfigurationError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try PlainFile.contents(path, limit: Self.sizeLimit + 1)
        } catch {
            throw ConfigurationError(file: Text("illisible : \(error.text.french)", "cannot be read: \(error.text.english)"))
        }
        try self.init(bytes: bytes, environment: ProcessInfo.processInfo.environment, hostname: ProcessInfo.processInfo.hostName)
    }

    /// Reads every file that it names. Nothing is opened for writing, so it works beside the agent that runs.
    ///
    /// - Returns: the authorities, and the programs on other machines with their keys.
    func checkFiles() throws -> (trust: TrustStore, remote: RemoteClients) {
        let trust = try AgentAssembly.trust(self)
        _ = try AgentAssembly.habilitation(self)
        _ = try ForwardWatch.targets(self)
        let remote = try RemoteClients(entries: clients ?? [])
        _ = try MobileWiring.identity(self)
        _ = try EmergencyWiring.channels(breakGlass)
        _ = try signatures.timestamp?.service("signatures.timestamp", SystemTime(), SystemRandom(), nil)
        try WitnessWiring(self, SystemTime(), SystemRandom()).check()
        return (trust, remote)
    }
}
