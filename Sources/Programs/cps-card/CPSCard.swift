import ArgumentParser

/// Virtual CPS cards: personas with their test certificates, and a card that a virtual reader can hold.
@main
struct CPSCard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cps-card", abstract: "Virtual CPS cards for tests and demonstrations.",
        subcommands: [New.self, Run.self, Eject.self, Insert.self, SetFault.self, Status.self])
}
