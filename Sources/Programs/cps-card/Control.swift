import ArgumentParser
import VirtualCard

/// The control socket of a running card.
struct ControlOptions: ParsableArguments {
    @Option(help: "Control socket of the running card.") var control: String

    /// Sends a line; an answer that begins with `error` is thrown, any other is returned.
    func ask(_ line: String) throws -> String {
        let answer = try ControlClient.ask(line, at: control)
        guard !answer.hasPrefix("error") else { throw ControlRefusal(description: String(answer.dropFirst("error ".count))) }
        return answer
    }
}

struct ControlRefusal: Error, CustomStringConvertible {
    let description: String
}

struct Eject: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Pull a running card out of its reader.")

    @OptionGroup var options: ControlOptions

    func run() throws { _ = try options.ask("eject") }
}

struct Insert: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Put a running card back, or another one in its place.")

    @OptionGroup var options: ControlOptions
    @Option(help: "Folder of another card.") var card: String?

    func run() throws { _ = try options.ask(card.map { "insert \($0)" } ?? "insert") }
}

struct SetFault: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault", abstract: "Let a running card misbehave; 'none' ends all faults.",
        discussion: "Faults, which count commands from now:\n\n\(Fault.manual)")

    @OptionGroup var options: ControlOptions
    @Argument(help: "A fault as for 'run', or 'none'.") var fault: String

    func run() throws { _ = try options.ask("fault \(fault)") }
}

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what a running card is doing, in JSON.")

    @OptionGroup var options: ControlOptions

    func run() throws { print(try options.ask("status")) }
}
