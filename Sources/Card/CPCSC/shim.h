#ifndef CPS_CPCSC_SHIM_H
#define CPS_CPCSC_SHIM_H

#include <winscard.h>
#include <reader.h>

// What the importer cannot see: cast macros and the addresses of the protocol headers.
static inline const SCARD_IO_REQUEST *shim_pci_t0(void) { return SCARD_PCI_T0; }
static inline DWORD shim_channel_id(void) { return SCARD_ATTR_CHANNEL_ID; }
static inline DWORD shim_get_features(void) { return CM_IOCTL_GET_FEATURE_REQUEST; }
static inline const SCARD_IO_REQUEST *shim_pci_t1(void) { return SCARD_PCI_T1; }

/// One reader's row for a wait: the state known, the state found, the ATR found (at most 33 bytes; -1 when none).
struct shim_reader {
    const char *name;
    DWORD known;
    DWORD found;
    unsigned char atr[MAX_ATR_SIZE];
    int atr_length;
};

/// SCardGetStatusChange over `count` rows (at most 33). Gives its return code.
static inline LONG shim_wait(SCARDCONTEXT context, DWORD milliseconds, struct shim_reader *rows, DWORD count) {
    SCARD_READERSTATE states[33] = {{0}};
    if (count > 33) return SCARD_E_INVALID_PARAMETER;
    for (DWORD i = 0; i < count; i++) {
        states[i].szReader = rows[i].name;
        states[i].dwCurrentState = rows[i].known;
    }
    LONG result = SCardGetStatusChange(context, milliseconds, states, count);
    for (DWORD i = 0; i < count; i++) {
        rows[i].found = states[i].dwEventState;
        DWORD length = states[i].cbAtr <= MAX_ATR_SIZE ? states[i].cbAtr : MAX_ATR_SIZE;
        rows[i].atr_length = (int)length;
        for (DWORD k = 0; k < length; k++) rows[i].atr[k] = states[i].rgbAtr[k];
    }
    return result;
}

#endif
