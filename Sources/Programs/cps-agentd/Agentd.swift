import ArgumentParser
import ConfigurationFile
import Foundation
import Logging
import PKI
import Platform
import Primitives
import Sessions
import Systemd

/// The service. Runs in the foreground until SIGTERM or SIGINT.
@main
struct Agentd: AsyncParsableCommand {
    private static let name = "cps-agentd"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Smart-card agent for CPS cards: logins, sessions, tokens, traces.",
        discussion: """
            Exit codes: 0 stopped in good order, 2 wrong usage or configuration, 8 anything else that kept it from running.
            """,
        version: AgentVersion.current)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "FILE"))
    var config: String

    @Flag(help: "Check the configuration and all files it names, then exit.")
    var checkConfig = false

    static func main() async {
        let refused = platform_forbid_backtraces(CommandLine.unsafeArgv)
        guard refused == 0 else {
            FileHandle.standardError.write(Data("cps-agentd: cannot begin again without backtraces (errno \(refused))\n".utf8))
            Foundation.exit(8)
        }
        await main(nil)
    }

    func run() async throws {
        let configuration = try readConfiguration()
        let level = LogLevelInForce(Logger.Level(configuration.log.level))
        let logger = Self.logger(level)
        // PINs and keys pass through this process: no dump of its memory may be made (promise P4).
        let refused = platform_forbid_dumps()
        if refused != 0 { logger.warning("core dumps could not be forbidden", metadata: ["errno": "\(refused)"]) }
        let manager = serviceManager(logger)
        do {
            // A check opens nothing: it must work beside the agent that runs.
            if checkConfig { return print(Self.isFine(try configuration.checkFiles().trust.environment).of(config).in(language)) }
            let start = {
                let trust = try AgentAssembly.trust(configuration)
                return try await AgentAssembly(configuration, path: config, trust: trust, level: level, logger: logger)
            }
            let agent = if let manager { try await manager.extendingStart { try await start() } } else { try await start() }
            try await agent.run(manager: manager)
        } catch let failure as StartFailure {
            await manager?.tell(.status(failure.text.english), logger)
            FileHandle.standardError.write(Data("cps-agentd: \(failure.text.in(language))\n".utf8))
            throw ExitCode(failure.isConfiguration ? 2 : 8)
        }
    }

    /// A check is for the person who asks for it, in their language; a service speaks to its log.
    private var language: Language { checkConfig ? Language(environment: ProcessInfo.processInfo.environment) : .english }

    private static func isFine(_ environment: PKI.Environment) -> Text {
        switch environment {
        case .test: Text("en ordre, autorités de test", "ok, test authorities")
        case .production: Text("en ordre, autorités de production", "ok, production authorities")
        }
    }

    private func serviceManager(_ logger: Logger) -> ServiceManager? {
        do throws(FileError) {
            return try ServiceManager.taken()
        } catch {
            logger.warning("the service manager cannot be told", metadata: ["error": "\(error.reason)"])
            return nil
        }
    }

    /// To the journal with its fields where standard error is the journal, else to standard error as text.
    private static func logger(_ level: LogLevelInForce) -> Logger {
        let stream = ProcessInfo.processInfo.environment["JOURNAL_STREAM"]
        let journal = JournalLog.isStream(FileHandle.standardError.fileDescriptor, told: stream) ? JournalLog(name) : nil
        return Logger(label: name) { label in
            ServiceLogHandler(level, journal: journal, text: StreamLogHandler.standardError(label: label))
        }
    }

    private func readConfiguration() throws -> AgentConfiguration {
        do throws(ConfigurationError) {
            return try AgentConfiguration(file: config)
        } catch {
            for problem in error.problems {
                FileHandle.standardError.write(Data("\(problem.sentence.of(config).in(language))\n".utf8))
            }
            throw ExitCode(2)
        }
    }
}

extension Logger.Level {
    init(_ level: LogSection.Level) { self = Logger.Level(rawValue: level.rawValue) ?? .info }
}

/// Why the agent did not start, for whoever started it.
struct StartFailure: Error {
    let text: Text
    /// The configuration or a file it names is at fault.
    let isConfiguration: Bool

    /// What kept it from running, in English as all that the service says in its log.
    init(_ text: String) {
        self.text = Text(text)
        isConfiguration = false
    }

    /// What is wrong with a file that the configuration names: a check says it in the reader's language.
    init(configuration text: Text) {
        self.text = text
        isConfiguration = true
    }
}
