/**
 * WeChat as its documents have it, as far as `wechat.ts` uses it: each call checks what it is given, ends in exactly one of `success`
 * and `fail`, and then in `complete`. A test sets what the member does.
 */
export type Fault = { errMsg: string; errno?: number; errCode?: number };
type Options = Record<string, unknown> & {
  success?: (result: Record<string, unknown>) => void;
  fail?: (fault: Fault) => void;
  complete?: () => void;
};

type Resolve = (answer: { event: string; buttonId?: string }) => void;

export class FakeWx {
  /** By the call's name: what it gives, or the fault with which it ends. */
  gives: Record<string, Record<string, unknown>> = {};
  faults: Record<string, Fault> = {};
  calls: { name: string; options: Options }[] = [];
  files: Record<string, string> = {};
  needPrivacy: ((resolve: Resolve, info: { referrer: string }) => void) | undefined;
  networkListeners = new Set<(change: { isConnected: boolean; networkType: string }) => void>();
  env = { USER_DATA_PATH: "http://usr" };

  login = this.call("login", { code: "the-code" });
  scanCode = this.call("scanCode", { result: "12345678", scanType: "QR_CODE", charSet: "UTF-8", rawData: "" });
  requestPayment = this.call("requestPayment", {}, (options) => {
    for (const name of ["timeStamp", "nonceStr", "package", "signType", "paySign"])
      if (typeof options[name] !== "string") throw new TypeError(`requestPayment: ${name} is no string`);
    if (!String(options["package"]).startsWith("prepay_id=")) throw new TypeError("requestPayment: package");
    return undefined;
  });
  requestSubscribeMessage = this.call("requestSubscribeMessage", {}, (options) => {
    const ids = options["tmplIds"];
    if (!Array.isArray(ids) || !ids.length) throw new TypeError("requestSubscribeMessage: tmplIds");
    if (ids.length > 3) return { errMsg: "requestSubscribeMessage:fail", errCode: 20003 };
    return undefined;
  });
  getSetting = this.call("getSetting", { authSetting: {}, subscriptionsSetting: { mainSwitch: true, itemSettings: {} } });
  openSetting = this.call("openSetting", { authSetting: {} });
  openPrivacyContract = this.call("openPrivacyContract", {});
  setClipboardData = this.call("setClipboardData", {}, (options) => {
    if (typeof options["data"] !== "string") throw new TypeError("setClipboardData: data");
    return undefined;
  });
  shareFileMessage = this.call("shareFileMessage", {}, (options) => {
    if (!(String(options["filePath"]) in this.files)) return { errMsg: "shareFileMessage:fail no such file" };
    return undefined;
  });

  getFileSystemManager(): object {
    return {
      writeFile: this.call("writeFile", {}, (options) => {
        const path = String(options["filePath"]);
        if (!path.startsWith(`${this.env.USER_DATA_PATH}/`)) return { errMsg: "writeFile:fail permission denied" };
        if (options["encoding"] !== "utf8") throw new TypeError("writeFile: encoding");
        this.files[path] = String(options["data"]);
        return undefined;
      }),
    };
  }

  onNeedPrivacyAuthorization(listener: (resolve: Resolve, info: { referrer: string }) => void): void {
    this.needPrivacy = listener; // a later listener takes the place of an earlier one
  }

  onNetworkStatusChange(listener: (change: { isConnected: boolean; networkType: string }) => void): void {
    this.networkListeners.add(listener);
  }

  offNetworkStatusChange(listener: (change: { isConnected: boolean; networkType: string }) => void): void {
    this.networkListeners.delete(listener);
  }

  /** The options of the latest call of this name. */
  last(name: string): Options {
    const found = this.calls.filter((call) => call.name === name).at(-1);
    if (!found) throw new Error(`${name} was not called`);
    return found.options;
  }

  private call(name: string, usual: Record<string, unknown>, check: (options: Options) => Fault | undefined = () => undefined) {
    return (options: Options = {}): void => {
      this.calls.push({ name, options });
      const fault = check(options) ?? this.faults[name];
      if (fault) options.fail?.(fault);
      else options.success?.({ errMsg: `${name}:ok`, ...usual, ...this.gives[name] });
      options.complete?.();
    };
  }
}
