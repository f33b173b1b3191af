{{ no yaml }}
