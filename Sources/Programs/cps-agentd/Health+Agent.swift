import LoginFlow
import Store
import Vitals

extension Health {
    /// How this agent is.
    convenience init(_ pulse: Pulse, _ log: TraceLog, _ board: CardBoard) {
        self.init(
            pulse, takeTurn: { await log.takeTurn() },
            state: {
                var troubles: [Trouble] = []
                if log.isReadOnly { troubles.append(.logReadOnly) }
                if log.reserve?.isInUse == true { troubles.append(.reserveInUse) }
                if await board.monitoring != "running" { troubles.append(.monitoringDown) }
                return troubles
            })
    }
}
