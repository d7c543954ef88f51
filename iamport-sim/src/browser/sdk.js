// A stand-in for Iamport's browser SDK: the same calls, answered by the simulator this script came from. `source` is the
// script's own URL, `sdk` the shape of its answers ("classic" or "1.3.0").
(source, sdk) => {
  const { hostname, origin } = new URL(source, document.baseURI);
  // Where the real scripts come from is not where the real window is.
  const service = hostname === 'cdn.iamport.kr' ? 'https://service.iamport.kr' : origin;
  const isMobile = /iPhone|iPad|iPod|Android|Mobile/i.test(navigator.userAgent);
  let userCode;
  let dialog;

  // As the real one does it: once, without a `this`, and what it throws is only printed.
  const call = (callback, answer) => {
    try {
      callback.call({}, answer);
    } catch (error) {
      console.log(error);
    }
  };

  const close = () => {
    dialog?.remove();
    dialog = undefined;
    document.body.classList.remove('imp-payment-progress');
  };

  const open = (request, onEnd) => {
    close();
    dialog = document.createElement('div');
    dialog.className = 'imp-dialog customizable';
    dialog.style.cssText = 'position:fixed;inset:0;z-index:99999;background:rgba(0,0,0,.5)';
    const frame = document.createElement('iframe');
    frame.className = `imp-frame imp-frame-${isMobile ? 'mobile' : 'pc'}`;
    frame.title = '결제창 (Iamport simulator)';
    frame.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;border:0';
    frame.src = `${service}/window`;
    dialog.append(frame);
    const listen = ({ source: from, origin: at, data }) => {
      if (from !== frame.contentWindow || at !== service || data?.from !== 'iamport-window') return;
      if (data.action === 'ready') {
        frame.contentWindow.postMessage({ from: 'iamport-sdk', action: 'payment', sdk, data: request }, service);
      } else if (data.action === 'end') {
        removeEventListener('message', listen);
        close();
        onEnd(data);
      }
    };
    addEventListener('message', listen);
    document.body.append(dialog);
    if (isMobile) document.body.classList.add('imp-payment-progress');
  };

  const request_pay = (param, callback) => {
    if (!userCode) {
      alert('판매자 코드가 설정되지 않았습니다. IMP.init()함수를 먼저 호출하세요.');
      return;
    }
    if (!param) {
      alert('결제요청 파라미터가 누락되었습니다.');
      return false;
    }
    // The method, which the real one has be a card, is left open: the window lets the customer choose.
    const request = { merchant_uid: `nobody_${Date.now()}`, ...JSON.parse(JSON.stringify(param)) };
    open(request, async ({ answer, times, redirect, returns, refused }) => {
      // On a phone the page is left, unless the window never opened and somebody waits for a callback.
      if (isMobile && redirect && !(refused && callback)) {
        // Some browsers come back twice: the shop's server sees both, the customer the last.
        if (returns === 2) await fetch(redirect, { mode: 'no-cors', credentials: 'include' }).catch(() => {});
        location.href = redirect;
        return;
      }
      for (let time = 0; time < times; time++) if (callback) call(callback, answer);
    });
  };

  return {
    init: (code) => {
      userCode = code;
    },
    agency: (code) => {
      userCode = code;
    },
    request_pay,
    certification: (param, callback) => {
      const imp_uid = `imp_${String(Date.now()).padStart(12, '0').slice(-12)}`;
      setTimeout(() => callback && call(callback, { success: true, imp_uid, merchant_uid: param?.merchant_uid }));
    },
    loadUI: (type, param, callback) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = type;
      button.onclick = () => request_pay(param, callback);
      document.querySelector('.portone-ui-container')?.replaceChildren(button);
    },
    updateLoadUIRequest: () => {},
    loadModule: () => Promise.resolve(),
    communicate: () => {},
    naver_zzim: () => {},
    close,
    deinit: () => {
      close();
      userCode = undefined;
    },
    slots: {},
  };
}
