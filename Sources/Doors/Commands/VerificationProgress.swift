import APIContract
import Primitives

/// One line that shows a person how far a check is, how fast it goes and how long it takes; nothing for programs and for short logs.
final class VerificationProgress {
    private static let shortest: Int64 = 16_384

    private let tool: Tool
    private let start: Duration
    private var isShown = false

    init(_ tool: Tool) {
        self.tool = tool
        start = tool.time.sinceBoot()
    }

    func tell(_ done: Int64, _ total: Int64) {
        guard tool.console.isWatched, !tool.output.isJSON, total > Self.shortest, done > 0 else { return }
        let seconds = max((tool.time.sinceBoot() - start) / .seconds(1), 0.001)
        let progress = Sentence.progress(UInt64(clamping: min(done, total)), UInt64(clamping: total), rate: Double(done) / seconds)
        tool.console.err("\r\(progress.in(tool.output.language))  ")
        isShown = true
    }

    /// What is printed next begins on a line of its own.
    func end() {
        if isShown { tool.console.err("\n") }
        isShown = false
    }
}
