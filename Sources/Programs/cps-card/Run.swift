import ArgumentParser
import Glibc
import VirtualCard

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a card into the virtual reader, until SIGTERM or SIGINT.",
        discussion: """
            Prints a line each time the reader takes the card. Faults, which count commands from the insertion:

            \(Fault.manual)
            """)

    @Argument(help: "Folder of the card.") var card: String
    @Option(help: "Host of the virtual reader.") var host = "127.0.0.1"
    @Option(help: "TCP port of the virtual reader.") var port: UInt16 = 35963
    @Option(help: "Unix socket to control the card by.") var control: String?
    @Option(help: "A fault from the beginning; may be repeated.") var fault: [Fault] = []

    func run() throws {
        let stop = try StopSignals.descriptor()
        var reader = try VirtualReader(
            card: VirtualCard(folder: card), faults: fault, host: host, port: port, control: control, stop: stop)
        reader.run { taken in
            print("the reader holds \(taken.generation.rawValue) card \(taken.description.serial)")
            fflush(nil)
        }
    }
}

extension Fault {
    /// A line a fault.
    static var manual: String { help.map { "  \($0.form.padded(to: 20))\($0.meaning)" }.joined(separator: "\n") }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

extension Fault: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
