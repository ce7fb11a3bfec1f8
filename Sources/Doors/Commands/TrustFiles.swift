import APIContract
import ArgumentParser
import ConfigurationFile
import Foundation
import PKI
import Primitives

/// Where the files of the authorities are: named, or by the agent's configuration.
struct TrustFolderOptions: ParsableArguments {
    @Option(
        help: Help.argument(
            "The agent's configuration, which names the folders.",
            "La configuration de l'agent, qui nomme les dossiers."))
    var config: String?

    @Option(
        help: Help.argument(
            "Folder of the authorities (trust.anchors), instead of the configuration's.",
            "Dossier des autorités (trust.anchors), à la place de celui de la configuration."))
    var anchors: String?

    /// What the verbs need to know of the configuration.
    struct Folders {
        let anchors: String
        /// Where lists may lie.
        let lists: [String]
        let maxAge: Int64
        let refusesStale: Bool
    }

    func folders(_ tool: Tool) throws(Problem) -> Folders {
        if let anchors {
            return Folders(anchors: anchors, lists: [], maxAge: 604_800, refusesStale: false)
        }
        let config = config ?? WrittenSettings.path
        do {
            let configuration = try AgentConfiguration(
                bytes: try PlainFile.contents(config, limit: AgentConfiguration.sizeLimit),
                environment: ProcessInfo.processInfo.environment, hostname: ProcessInfo.processInfo.hostName
            )
            let kept = "\(configuration.agent.stateDirectory)/crls"
            let rules = configuration.trust.revocation
            return Folders(
                anchors: configuration.trust.anchors,
                lists: [configuration.trust.crls, kept].compactMap(\.self), maxAge: rules.maxAge,
                refusesStale: rules.whenStale == .refuse)
        } catch let error as FileError {
            throw tool.output.problem(error, at: config)
        } catch let error as ConfigurationError {
            let problems = error.problems.map { $0.sentence.of(config) }
            let detail = Text(
                problems.map(\.french).joined(separator: " ; "), problems.map(\.english).joined(separator: "; "))
            throw tool.output.problem(.invalidRequest, detail)
        } catch {
            throw tool.output.problem(.internalError, ["detail": .string("\(error)")])
        }
    }
}

extension Output {
    /// Why authorities cannot be used, as an error of this program.
    func problem(_ error: TrustStoreError) -> Problem {
        let code: ErrorCode =
            switch error.problem {
            case .mixedEnvironments: .certificateEnvironment
            case .notPublished, .notAnAuthority, .anchorAmongIntermediates, .noAnchor:
                .certificateUntrusted
            case .weak: .certificateWeak
            case .notACertificate: .certificateMalformed
            case .unreadable, .tooManyFiles, .tooLarge, .unusable: .invalidRequest
            }
        let (text, remedy) = (error.text, error.remedy)
        let detail = Text("\(text.french) ; \(remedy.french)", "\(text.english); \(remedy.english)")
        return problem(code, error.file.map { detail.of($0) } ?? detail)
    }
}
