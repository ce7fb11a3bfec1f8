/// Which share of the reserve a decision may use while the log itself cannot be written.
package enum Urgency: Hashable, Sendable {
    /// None: it is refused then.
    case ordinary
    /// What the agent itself has to say: its start, its clocks, its readers.
    case agent
    /// What is over whether it can be written or not: sessions, tokens, tries of a PIN.
    case ending
    /// A declared emergency, and who declared it: their national identifier, else `uid:` and the user of the machine.
    case emergency(person: String)
}
