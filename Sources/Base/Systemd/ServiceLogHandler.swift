package import Logging

/// Logs to the journal with its fields where standard error is the journal, else to standard error as text.
package struct ServiceLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let inForce: LogLevelInForce
    /// What was set for this logger alone.
    private var own: Logger.Level?
    private let journal: JournalLog?
    private let text: any LogHandler

    /// - Parameters:
    ///   - journal: `nil` where standard error is something else.
    ///   - text: where lines go without a journal, and those that it does not take.
    package init(_ level: LogLevelInForce, journal: JournalLog?, text: any LogHandler) {
        inForce = level
        self.journal = journal
        self.text = text
    }

    package var logLevel: Logger.Level {
        get { own ?? inForce.value }
        set { own = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var event = event
        let given = (event.metadata ?? [:]).merging(metadataProvider?.get() ?? [:]) { said, _ in said }
        let all = given.merging(metadata) { said, _ in said }
        event.metadata = all.isEmpty ? nil : all
        if let journal, journal.takes(event) { return }
        text.log(event: event)
    }
}
